/** @file The checksum of the zip format. */

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  return c;
});

/**
 * CRC-32 of the zip format (polynomial 0x04c11db7, reflected); `before` is that of the bytes before
 * these.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let crc = before ^ -1;
  for (let i = 0; i < bytes.length; i++) {
    crc = CRC_TABLE[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  }
  return (crc ^ -1) >>> 0;
}
