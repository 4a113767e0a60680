// Called for each message of `home/<room>/temperature`: raises an alarm on `home/alarm/<room>` when it is too hot.
import { publish } from "plugwright/messaging";

interface Message {
  subject: string;
  payload: string;
}

export function check(message: Message): void {
  const room = message.subject.split("/")[1] ?? "somewhere";
  const { celsius } = JSON.parse(message.payload) as { celsius: unknown };
  // What is no reading fails the call, and the message goes to the dead letters.
  if (typeof celsius !== "number") throw new Error(`no reading from ${room}: ${message.payload}`);
  const limit = Number(Config.get("limit") ?? 60);
  if (celsius > limit) {
    publish(`alarm.${room}`, JSON.stringify({ room, celsius, limit }));
  }
}
