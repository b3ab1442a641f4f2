/**
 * Views: what people see, put together from rows and from the log. It knows who may read what. It promises that whatever
 * it shows the person may read at that moment, that it is told in parts and never in somebody else's sentences, and that
 * looking changes nothing. It deliberately decides nothing, and writes nothing.
 */

export { lastUndo } from './last-undo.ts';
export { openViews, type Views } from './open-views.ts';
export { viewsRoutes } from './routes.ts';
export { findUndoable, type Undoable } from './undo-of.ts';
