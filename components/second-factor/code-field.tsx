import { TextField } from "@/components/ui/text-field";

/** A code beside the password, of the app or in its place. */
export function CodeField() {
  return (
    <TextField
      name="code"
      label="Code"
      hint="The six digits that the app shows, or one of your recovery codes."
      autoComplete="one-time-code"
      mono
    />
  );
}
