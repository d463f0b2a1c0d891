import { createHash } from "node:crypto";

/** The same save of the same person has the same id, whatever ids others take. @param id that it was sent with. */
export function saveIdOf(userId: string, id: string): string {
	return createHash("sha256")
		.update(JSON.stringify([userId, id]))
		.digest("base64url");
}
