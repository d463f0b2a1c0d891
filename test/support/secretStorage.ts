/** VS Code's secret storage, as far as a key ring knows it. */
export function secretStorage(entries: Readonly<Record<string, string>> = {}) {
	const secrets = new Map(Object.entries(entries));
	return {
		secrets,
		keys: async () => [...secrets.keys()],
		get: async (name: string) => secrets.get(name),
		store: async (name: string, value: string) => void secrets.set(name, value),
		delete: async (name: string) => void secrets.delete(name),
	};
}
