import pino from "pino";
import { env } from "./env";

/** The one logging sink. Callers pass allow-listed fields only: never a body, a header, a query or an error's message. */
export const log = pino({
  level: env().LOG_LEVEL,
  base: undefined,
  timestamp: pino.stdTimeFunctions.isoTime,
});
