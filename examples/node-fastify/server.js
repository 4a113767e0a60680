import Fastify from 'fastify'
import process from "node:process"

import { Context, HostFunction, ValType } from 'plugwright/classic'
import { readFileSync } from 'fs'

let memoryMap = new Map()

memoryMap.set("hello", "👋 Hello World 🌍")
memoryMap.set("message", "I 💜 Extism 😍")

// The host function, which the plug-in calls.
function memoryGet(plugin, inputs, outputs, userData) {

  // The key: a Buffer over the block that the plug-in points to.
  let memKey = plugin.memory(inputs[0].v.i64)

  const returnValue = memoryMap.get(memKey.toString())

  // The value goes into a block of its own, and the block's offset to the plug-in.
  let offs = plugin.memoryAlloc(Buffer.byteLength(returnValue))
  plugin.memory(offs).write(returnValue)

  outputs[0].v.i64 = offs
}

let hostFunctions = [
  new HostFunction(
    "hostMemoryGet",
    [ValType.I64],
    [ValType.I64],
    memoryGet,
    "",
  )
]

let wasmFile = "../plugins/go-say-hello/go-say-hello.wasm"
let functionName = "say_hello"
let httpPort = 7070

let wasm = readFileSync(wasmFile)

const fastify = Fastify({
  logger: true
})

const opts = {}

// One plug-in for all requests: calls wait for each other.
let ctx = new Context()
let plugin = ctx.plugin(wasm, true, hostFunctions)

const start = async () => {

  fastify.post('/', opts, async (request, reply) => {

    // The body of the request is the input.
    let buf = await plugin.call(functionName, request.body);
    let result = buf.toString()

    return result
  })

  try {
    await fastify.listen({ port: httpPort, host: '0.0.0.0'})
  } catch (err) {
    fastify.log.error(err)
    process.exit(1)
  }
}
start().then(r => console.log("😄 started"))
