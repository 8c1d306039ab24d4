import { z } from "zod";

/** A form's box to tick: a browser sends "on" or nothing, and a form that is checked before it is sent has false. */
export const checkbox = z.union([z.literal("on"), z.literal(false)]).optional();
