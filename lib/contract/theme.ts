import { z } from "zod";

export const themeCookie = z.enum(["system", "light", "dark"]);
