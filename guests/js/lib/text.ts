export interface Options {
  times: number;
}

export function shout(text: string, { times }: Options): string {
  return text.toUpperCase().repeat(times);
}

export const count = (bytes: Uint8Array): number => bytes.length;
