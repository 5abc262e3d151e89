/** The name under which a browser stores a download (RFC 6266), in any script (RFC 8187). */

const LONGEST = 180;

/**
 * The value of `Content-Disposition` for a file to be stored.
 * @param stem of the name, in any characters; what file systems refuse is replaced
 * @param extension with its dot
 */
export function attachment(stem: string, extension: string): string {
  const name = `${stem
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cs}"*/:<>?\\|%]+/gu, '_')
    .slice(0, LONGEST)
    .trim()}${extension}`;
  const plain = name.normalize('NFKD').replace(/[^\w .+-]+/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${extValue(name)}`;
}

/** `encodeURIComponent` leaves some characters that RFC 8187 §3.2.1 wants encoded. */
function extValue(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
