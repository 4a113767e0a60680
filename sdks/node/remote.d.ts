/** Plug-ins that run on workers elsewhere, over NATS. Needs the package `@nats-io/transport-node`. */
import type { Input, PluginOutput } from './index.js';

export interface RemoteOptions {
  /** How long a call may take, on its worker too; without it only the workers' own limits end it. */
  timeoutMs?: number;
  /** How long a call looks for a worker that takes it: 5000 by default. */
  waitMs?: number;
  /** How often a worker says that it is at a call: 1000 by default. Silent for four times as long it counts as gone. */
  heartbeatMs?: number;
  /** Whether functions may run twice for one call, so that it is made again when its worker is lost. */
  idempotent?: boolean;
  /** The most bytes of an input, and of an output: 64 MiB by default. What does not fit into a message of the server goes in parts. */
  maxBytes?: number;
}

export interface RemoteCallOptions {
  /** Cancels the call, on its worker too. */
  signal?: AbortSignal;
  timeoutMs?: number;
}

/** A connection to NATS, for plug-ins on workers behind it. */
export declare class Nats {
  /** Of a connection of `@nats-io/transport-node`. */
  constructor(connection: object);
  /** The plug-in of this name, wherever it runs. Whether there are workers shows at the first call. */
  plugin(name: string, options?: RemoteOptions): RemotePlugin;
  close(): Promise<void>;
}

/**
 * A plug-in that runs on workers elsewhere. It is called like a `Pool`, with the same errors, and two of the distance: `Unavailable`, when no
 * worker took the call and nothing ran, and `Lost`, when its worker is gone in mid-call, which may have run.
 */
export declare class RemotePlugin {
  private constructor();
  readonly name: string;
  call(functionName: string, input?: Input, hostContext?: null, options?: RemoteCallOptions): Promise<PluginOutput | null>;
}

/** Connects to NATS. The options are those of `connect` of `@nats-io/transport-node`. */
export declare function connect(servers: string | string[], options?: object): Promise<Nats>;
