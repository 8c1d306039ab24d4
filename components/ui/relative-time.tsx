import { formatDistanceToNowStrict } from "date-fns";

const JUST_NOW_MS = 60_000;

/** A time as its age, with the exact one on hover. */
export function RelativeTime({ date }: { date: Date }) {
  const exact = date.toISOString();
  return (
    <time dateTime={exact} title={exact.replace("T", " ").replace(/\.\d+Z$/, " UTC")} className="whitespace-nowrap">
      {age(date)}
    </time>
  );
}

function age(date: Date): string {
  if (Math.abs(Date.now() - date.getTime()) < JUST_NOW_MS) return "just now";
  return formatDistanceToNowStrict(date, { addSuffix: true });
}
