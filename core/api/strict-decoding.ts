export const decodeStrict = (raw: string): object => ({ raw });
