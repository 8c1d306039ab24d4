import { z } from "zod";

/** For how long a replaced secret can be kept, in days; 0 keeps none. */
export const KEEP_CHOICES = [
  { days: 0, label: "Not at all" },
  { days: 1, label: "One day" },
  { days: 7, label: "7 days" },
  { days: 30, label: "30 days" },
] as const;

export const keepPreviousForm = z.object({
  days: z.coerce.number().refine((days) => KEEP_CHOICES.some((each) => each.days === days), "Choose one of the list."),
});
