// The guests that tests call.
import { join } from 'node:path';

const folder = process.env.PLUGWRIGHT_GUESTS;
if (folder === undefined) throw new Error('run `cargo xtask node`, or say where guests are by PLUGWRIGHT_GUESTS');

/** The path of a guest. */
export const guest = (name) => join(folder, name);
