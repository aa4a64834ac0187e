import { Loading } from "../ui/skeleton";

/** A page whose files are on their way. */
export function Waiting() {
  return <Loading className="p-6" />;
}
