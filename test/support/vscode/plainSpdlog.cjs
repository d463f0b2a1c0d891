// Stands in for VS Code's native log writer in the cached test host, so that no compiler is needed to set it up.
// Same interface as @vscode/spdlog; writes lines to the file at once.
const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const names = ["trace", "debug", "info", "warning", "error", "critical"];

class Logger {
	constructor(_type, _name, file) {
		this.file = file;
		this.level = 2;
		this.plain = false;
		mkdirSync(dirname(file), { recursive: true });
	}
	write(level, message) {
		if (level < this.level) return;
		const prefix = this.plain ? "" : `${new Date().toISOString()} [${names[level]}] `;
		appendFileSync(this.file, `${prefix}${message}${this.plain ? "" : "\n"}`);
	}
	trace(message) {
		this.write(0, message);
	}
	debug(message) {
		this.write(1, message);
	}
	info(message) {
		this.write(2, message);
	}
	warn(message) {
		this.write(3, message);
	}
	error(message) {
		this.write(4, message);
	}
	critical(message) {
		this.write(5, message);
	}
	getLevel() {
		return this.level;
	}
	setLevel(level) {
		this.level = level;
	}
	clearFormatters() {
		this.plain = true;
	}
	setPattern() {
		return undefined;
	}
	flush() {
		return undefined;
	}
	drop() {
		return undefined;
	}
}

const create = async (name, file) => new Logger("rotating", name, file);
// Assigned one by one, so that named imports find them.
exports.version = 0;
exports.setLevel = () => undefined;
exports.setFlushOn = () => undefined;
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
