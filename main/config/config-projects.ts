// One project of the configuration file: its folder must be there, and what it does not say of its agent is the default.
import { AgentRules, DEFAULT_AGENT_RULES, Project } from '../../shared/projects.ts';
import { readExistingFolder } from '../util/existing-folder.ts';
import { checkWith, type Faults, isObject } from './config-checks.ts';

/** The project; undefined, with the mistakes noted, where it cannot be used. `writtenAt` is when the file was. */
export function readProject(
  entry: Readonly<Record<string, unknown>>,
  at: string,
  writtenAt: number,
  faults: Faults,
): Project | undefined {
  faults.checkKeys(entry, ['id', 'name', 'path', 'description', 'agent'], at);
  const { id, name = id, path, description, agent } = entry;
  const rules = readRules(agent, `${at}.agent`, faults);
  const folder = readFolder(path, `${at}.path`, faults);
  const project = { id, name, path: folder ?? '', description, agent: rules ?? DEFAULT_AGENT_RULES };
  const known = 'name' in entry ? project : { ...project, name: '-' };
  const read = checkWith(Project, { ...known, source: 'file', createdAt: writtenAt, updatedAt: writtenAt }, at, faults);
  if (read === undefined || folder === undefined || rules === undefined) return undefined;
  return 'name' in entry ? read : { ...read, name: read.id };
}

function readFolder(value: unknown, at: string, faults: Faults): string | undefined {
  const read =
    typeof value === 'string' ? readExistingFolder(value) : { fault: 'must be the absolute path of a folder' };
  if ('path' in read) return read.path;
  faults.add(at, typeof value === 'string' ? `the folder ${value} ${read.fault}` : read.fault);
  return undefined;
}

function readRules(value: unknown, at: string, faults: Faults): AgentRules | undefined {
  if (value === undefined) return DEFAULT_AGENT_RULES;
  if (!isObject(value)) {
    faults.add(at, 'must be an object');
    return undefined;
  }
  faults.checkKeys(value, Object.keys(AgentRules.shape), at);
  const given = checkWith(AgentRules.partial(), value, at, faults);
  return given === undefined ? undefined : { ...DEFAULT_AGENT_RULES, ...given };
}
