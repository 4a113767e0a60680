interface Item {
  id: number;
  name: string;
  tags: string[];
}

declare module "extism:host/user" {
  export function host_echo(items: Item[]): Item[];
}
