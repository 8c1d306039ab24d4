import { formatDistanceToNow } from "date-fns";

/** A time as its age, with the exact one on hover. */
export function RelativeTime({ date }: { date: Date }) {
  const exact = date.toISOString();
  return (
    <time dateTime={exact} title={exact.replace("T", " ").replace(/\.\d+Z$/, " UTC")} className="whitespace-nowrap">
      {formatDistanceToNow(date, { addSuffix: true })}
    </time>
  );
}
