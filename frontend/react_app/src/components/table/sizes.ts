import { sizes } from "@/theme/tokens";

/** Height of a row and of the heading, in pixels: what the virtualiser counts with. */
export const ROW_HEIGHT = sizes.rowHeight;
/** Width of the selection column. */
export const CHECK_WIDTH = 32;
