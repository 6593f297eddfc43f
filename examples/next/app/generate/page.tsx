import { catalyst } from "@/lib/session";
import { Writer } from "./writer";

export default async function Generate() {
  const { data } = await (await catalyst()).listChannels();
  const channel = data.items[0];
  return channel ? <Writer channel={channel.id} /> : <p>Connect a channel first.</p>;
}
