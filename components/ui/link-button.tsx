import Link from "next/link";
import type { ComponentProps } from "react";
import { buttonStyle, type ButtonVariant } from "./button-style";

/** A link that looks like a button. */
export function LinkButton({
  variant = "secondary",
  className,
  ...props
}: ComponentProps<typeof Link> & { variant?: ButtonVariant }) {
  return <Link className={buttonStyle(variant, className)} {...props} />;
}
