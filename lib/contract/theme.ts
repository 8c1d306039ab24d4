import { z } from "zod";

export const themeCookie = z.enum(["system", "light", "dark"]);

export type Theme = z.infer<typeof themeCookie>;
