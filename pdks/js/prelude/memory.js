// Blocks of kernel memory by hand, for host functions that take offsets.
import * as native from "plugwright:native";
import { define, mustBeBytes, toJSON } from "./values.js";

/** A block: `offset` and `len` in bytes. It lives until it is freed, or until the next call. */
export class MemoryHandle {
  constructor(offset, length) {
    this.offset = offset;
    this.len = length;
  }
  readString() {
    return native.blockText(this.offset);
  }
  readBytes() {
    return native.blockBytes(this.offset).buffer;
  }
  readBuffer() {
    return this.readBytes();
  }
  readJsonObject() {
    return JSON.parse(this.readString());
  }
  readUInt32() {
    return this.#view(4).getUint32(0, true);
  }
  readUInt64() {
    return this.#view(8).getBigUint64(0, true);
  }
  readFloat32() {
    return this.#view(4).getFloat32(0, true);
  }
  readFloat64() {
    return this.#view(8).getFloat64(0, true);
  }
  free() {
    native.blockFree(this.offset);
    this.offset = 0;
    this.len = 0;
  }
  #view(size) {
    const bytes = native.blockBytes(this.offset);
    if (bytes.length < size) throw new RangeError(`the block at ${this.offset} has ${bytes.length} bytes, ${size} are wanted`);
    return new DataView(bytes.buffer);
  }
}

const handleOf = (offset) => new MemoryHandle(offset, native.blockLength(offset));

function handleOfNumber(size, write) {
  const view = new DataView(new ArrayBuffer(size));
  write(view);
  return handleOf(native.blockOfBytes(new Uint8Array(view.buffer)));
}

export const Memory = {
  fromString: (text) => handleOf(native.blockOfText(String(text))),
  fromBuffer: (bytes) => handleOf(native.blockOfBytes(mustBeBytes(bytes, "what Memory.fromBuffer copies"))),
  fromJsonObject: (value) => handleOf(native.blockOfText(toJSON(value, "what Memory.fromJsonObject copies"))),
  allocUInt32: (number) => handleOfNumber(4, (view) => view.setUint32(0, number, true)),
  allocUInt64: (number) => handleOfNumber(8, (view) => view.setBigUint64(0, BigInt(number), true)),
  allocFloat32: (number) => handleOfNumber(4, (view) => view.setFloat32(0, number, true)),
  allocFloat64: (number) => handleOfNumber(8, (view) => view.setFloat64(0, number, true)),
  /** The block at an offset (number or bigint); `null` if none starts there. */
  find(offset) {
    const length = native.blockLength(offset);
    return length === 0 ? null : new MemoryHandle(Number(offset), length);
  },
  readString: (offset) => native.blockText(offset),
  readBytes: (offset) => native.blockBytes(offset).buffer,
};

define("Memory", Memory);
define("MemoryHandle", MemoryHandle);
