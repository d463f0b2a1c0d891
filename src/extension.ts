export function activate(): undefined {
	return undefined;
}
