// Lists in pages, and how the query asks for one.
import type { JsonObject } from '../../canonical/conversation.ts';
import { refuse } from '../kit/fields.ts';
import type { RouteRequest } from '../protocol.ts';

/** Which part of a list is wanted. */
export interface Page {
  /** Counted from 1. */
  readonly page: number;
  readonly perPage: number;
  readonly offset: number;
}

const USUAL = 20;
const MOST = 100;
const LAST_PAGE = 1_000_000;

/** `?page=&per_page=`. Throws `GatewayError` (`invalid-request`) that names the wrong one. */
export function readPage({ query }: RouteRequest): Page {
  const given = new URLSearchParams(query);
  const page = readCount(given.get('page'), 'page', 1, LAST_PAGE);
  const perPage = readCount(given.get('per_page'), 'per_page', USUAL, MOST);
  return { page, perPage, offset: (page - 1) * perPage };
}

/** The page with what surrounds it. */
export function writePage(data: readonly JsonObject[], total: number, { page, perPage }: Page): JsonObject {
  const pages = Math.ceil(total / perPage);
  return {
    data,
    pagination: {
      page,
      per_page: perPage,
      total_items: total,
      total_pages: pages,
      has_next: page < pages,
      has_prev: page > 1,
    },
  };
}

function readCount(text: string | null, name: string, usual: number, most: number): number {
  if (text === null || text === '') return usual;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= most ? count : refuse(name, `must be a whole number from 1 to ${most}`);
}
