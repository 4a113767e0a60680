// Sends by the host's message broker what it is told: a list of operations in JSON, each a list with its name and arguments.
import * as messaging from "plugwright/messaging";

type Operation = [name: string, subject: string, payload: string, option?: any];

function perform([name, subject, payload, option]: Operation): unknown {
  if (name === "request") return messaging.request(subject, payload, option && { timeout: option });
  messaging.publish(subject, payload, option && { headers: option });
  return null;
}

export function run(operations: Operation[]): unknown[] {
  return operations.map((operation) => {
    try {
      return perform(operation);
    } catch (error) {
      if (!(error instanceof messaging.CapabilityError)) throw error;
      return { error: error.code, message: error.message };
    }
  });
}
