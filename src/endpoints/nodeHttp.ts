/**
 * Node's own HTTP. `import … from "node:http"` reads each of its exports, and one of them, WebSocket, loads undici (Node 24):
 * some 40 ms of work, which every agent's server and hook would wait for.
 */
export const { Agent, ClientRequest, createServer, request } = process.getBuiltinModule("node:http");
