// The projects: those of the database and those of the configuration file, as one list.
import type { Project, ProjectDraft, ProjectView } from '../../shared/projects.ts';
import type { Agents } from '../providers/provider.ts';

/** All projects. Calls that change one throw `GatewayError` with words for a person. */
export interface ProjectBook {
  /** By name. */
  list(): readonly Project[];
  find(id: string): Project | undefined;
  /** As rows of the GUI. */
  views(): readonly ProjectView[];
  /** `invalid-request` for a folder that is not there or a name that is taken (`code: 'project_exists'`). */
  add(draft: ProjectDraft, source: 'window' | 'client'): Project;
  /** Absent fields stay. `not-found`; `invalid-request` for a project of the configuration file. */
  change(id: string, change: Partial<Omit<ProjectDraft, 'id'>>): Project;
  /** Forgets the project and its sessions; its folder stays. */
  remove(id: string): void;
  /** Those whose agents are switched on, as providers see them. */
  readonly agents: Agents;
  onChange(listener: () => void): () => void;
}
