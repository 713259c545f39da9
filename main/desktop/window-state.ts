// Where the window stood when it was last seen: read with distrust, since screens come and go and files get cut.
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** A place on the screens, in device-independent pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const WindowState = z.object({
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int(), height: z.number().int() }),
  maximised: z.boolean(),
});
/** The window's place while it is not maximised, and whether it is. */
export type WindowState = z.infer<typeof WindowState>;

/** The smallest window in which every page can be used. */
export const LEAST = { width: 720, height: 480 };
/** The size of the first start. */
export const USUAL = { width: 1280, height: 800 };
/** As much of the title bar must lie on a screen that it can be dragged. */
const GRIP = 80;

/** The stored state, if there is one that fits the screens of today; `areas` are their work areas. */
export function readWindowState(file: string, areas: readonly Rectangle[]): WindowState | undefined {
  try {
    const { bounds, maximised } = WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
    const size = { width: Math.max(bounds.width, LEAST.width), height: Math.max(bounds.height, LEAST.height) };
    const reachable = areas.some(
      (area) =>
        bounds.x + size.width >= area.x + GRIP &&
        bounds.x <= area.x + area.width - GRIP &&
        bounds.y >= area.y &&
        bounds.y <= area.y + area.height - GRIP,
    );
    return reachable ? { bounds: { x: bounds.x, y: bounds.y, ...size }, maximised } : undefined;
  } catch {
    return undefined;
  }
}
