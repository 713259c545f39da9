// What this face may ask of the house's projects and sessions: what a client with its key may. Types only.
import type { Project, SessionQuery, SessionView } from '../../../shared/projects.ts';

/** Both books. Calls throw `GatewayError` with words for a person. */
export interface ClientBooks {
  readonly projects: {
    list(): readonly Project[];
    find(id: string): Project | undefined;
    /** Without a path the project gets an empty folder of its own; its agent is off. */
    add(draft: ClientProject, source: 'client'): Project;
    /** `key` is the client's: sessions of others keep the project. */
    remove(id: string, by: 'client', key: string | undefined): void;
  };
  readonly sessions: {
    /** Those of one client key. */
    list(query: SessionQuery & { readonly key: string | undefined }): {
      readonly sessions: readonly SessionView[];
      readonly total: number;
    };
    find(id: string): SessionView | undefined;
    readInstructions(id: string): string | undefined;
    add(draft: ClientSession): SessionView;
    sum(key: string | undefined): ClientSums;
    interrupt(id: string): void;
    remove(id: string): void;
  };
}

/** A project as a client wants it. */
export interface ClientProject {
  readonly name: string;
  readonly description?: string;
  readonly path?: string;
}

/** A session as a client wants it. */
export interface ClientSession {
  readonly key: string | undefined;
  readonly projectId?: string;
  readonly title?: string;
  readonly model?: string;
  readonly instructions?: string;
}

/** What the sessions of one client key come to. */
export interface ClientSums {
  readonly sessions: number;
  readonly messages: number;
  readonly tokens: number;
  readonly costUsd: number | undefined;
  readonly models: readonly string[];
  /** Ids of those that run now. */
  readonly running: readonly string[];
}
