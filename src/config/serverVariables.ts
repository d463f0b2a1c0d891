/** Rows of the table of variables: what only the standalone server reads. */
export const serverVariables = [
	{
		name: "TRANSPORT",
		section: "server",
		type: "enum",
		default: "stdio",
		values: { stdio: "Standard input and output", http: "Streamable HTTP" },
		doc: "How the standalone server talks to its client: stdio, or http for Streamable HTTP at /mcp.",
	},
	{
		name: "HOST",
		section: "server",
		type: "string",
		default: "127.0.0.1",
		doc: "Address the standalone HTTP server listens on.",
	},
	{
		name: "PORT",
		section: "server",
		type: "integer",
		default: "8050",
		minimum: 0,
		maximum: 65535,
		doc: "Port of the standalone HTTP server; 0 takes a free one.",
	},
	{
		name: "PROJECT_DIR",
		section: "server",
		type: "path",
		doc: "Folder whose project is meant where the client names none. Default: the working directory, if it is in a git repository.",
	},
	{
		name: "ASK_VSCODE",
		section: "server",
		type: "enum",
		values: { chat: "The language model", embedding: "The embedding model", both: "Both models" },
		doc: "Models that an open window of VS Code asks, since it has their keys: chat, embedding or both. The extension sets it for servers that it starts.",
	},
	{
		name: "AUTH_TOKEN",
		section: "server",
		type: "string",
		secret: true,
		doc: "Bearer token that HTTP clients must send, of 16 characters or more where HOST lets other machines in. Default: a random one, printed at start.",
	},
	{
		name: "ALLOWED_HOSTS",
		section: "server",
		type: "string",
		doc: "Names under which HTTP clients reach the server through a proxy or a container, such as memory.example.com or *.example.com, separated by commas. IP addresses, localhost and this machine's name always work.",
	},
] as const;
