package org.parley.core.check;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.codec.binary.Base32;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;

/**
 * Makes and proves the words in addresses that answers and bounces come to. Such a word says which
 * customer and which touch, and carries a proof that Parley wrote it: HMAC-SHA-256 (RFC 2104) cut
 * to its first 64 bits, which can only be guessed at by asking. It is base32 (RFC 4648) in lower
 * case without padding, and read in any case, for mail programs change it. For customer ids of up
 * to 23 bytes, and UUIDs, it has at most 58 characters, so that with {@code reply+} before it the
 * local part stays within 64 octets (RFC 5321, section 4.5.3.1.1). It is signed, not secret.
 * Thread-safe.
 *
 * <pre>
 * byte    meaning
 * 0       version 1 in the high half; 1: the id is a UUID; 2: cell and tenant are named
 * 1-4     the mark of the touch
 *         if named, length and text of the cell, length and text of the tenant
 *         the customer's id: UTF-8, or the 16 bytes of a UUID
 * last 8  the proof, over all bytes before it
 * </pre>
 */
public final class ReturnTokens {
  /**
   * Whose touch it is.
   *
   * @param mark tells the touches of one customer apart, see {@link #mark}
   */
  public record Claim(CustomerKey customer, String mark) {}

  private static final int VERSION = 1 << 4;
  private static final int UUID_ID = 1;
  private static final int NAMED = 2;
  private static final int MARK_BYTES = 4;
  private static final int PROOF_BYTES = 8;
  private static final int MAX_CHARS = 200;
  private static final Base32 BASE32 = new Base32();
  private static final CustomerKey USUAL = CustomerKey.of("nobody");

  private final Proof proof;

  /**
   * @param secret 32 random bytes that all nodes share
   */
  public ReturnTokens(byte[] secret) {
    proof = new Proof(secret, PROOF_BYTES);
  }

  /** Eight characters that tell the touches of one customer apart. */
  public static String mark(StepKey key) {
    return HexFormat.of().formatHex(markBytes(key));
  }

  /** The word; empty when it would have more than 200 characters. */
  public Optional<String> sign(CustomerKey customer, StepKey key) {
    boolean usual =
        customer.cell().equals(USUAL.cell()) && customer.tenant().equals(USUAL.tenant());
    Optional<UUID> uuid = uuid(customer.customerId());
    byte[] cell = usual ? new byte[0] : utf8(customer.cell());
    byte[] tenant = usual ? new byte[0] : utf8(customer.tenant());
    byte[] id = uuid.map(ReturnTokens::bytes).orElseGet(() -> utf8(customer.customerId()));
    int named = usual ? 0 : 2 + cell.length + tenant.length;
    int length = 1 + MARK_BYTES + named + id.length;
    if (chars(length + PROOF_BYTES) > MAX_CHARS) return Optional.empty();
    ByteBuffer token = ByteBuffer.allocate(length + PROOF_BYTES);
    token.put((byte) (VERSION | (uuid.isPresent() ? UUID_ID : 0) | (usual ? 0 : NAMED)));
    token.put(markBytes(key));
    if (!usual) {
      token.put((byte) cell.length).put(cell).put((byte) tenant.length).put(tenant);
    }
    token.put(id);
    proof.sign(token.array());
    return Optional.of(encode(token.array()));
  }

  /** What a word says, if it was signed here; empty for anything else whatever. */
  public Optional<Claim> verify(String token) {
    return decode(token)
        .flatMap(proof::verify)
        .filter(proved -> proved.remaining() > 1 + MARK_BYTES)
        .flatMap(ReturnTokens::read);
  }

  /** Reads what has been proved to be ours; a later version's form is not understood here. */
  private static Optional<Claim> read(ByteBuffer token) {
    int form = token.get();
    if ((form & ~(UUID_ID | NAMED)) != VERSION) return Optional.empty();
    byte[] mark = new byte[MARK_BYTES];
    token.get(mark);
    String cell = (form & NAMED) == 0 ? USUAL.cell() : name(token);
    String tenant = (form & NAMED) == 0 ? USUAL.tenant() : name(token);
    String id =
        (form & UUID_ID) == 0
            ? StandardCharsets.UTF_8.decode(token).toString()
            : new UUID(token.getLong(), token.getLong()).toString();
    return Optional.of(
        new Claim(new CustomerKey(cell, tenant, id), HexFormat.of().formatHex(mark)));
  }

  private static byte[] markBytes(StepKey key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(utf8(key.toString()));
      return Arrays.copyOf(hash, MARK_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  private static Optional<UUID> uuid(String id) {
    if (id.length() != 36) return Optional.empty();
    try {
      UUID uuid = UUID.fromString(id);
      return uuid.toString().equals(id) ? Optional.of(uuid) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String name(ByteBuffer token) {
    byte[] name = new byte[token.get() & 0xff];
    token.get(name);
    return new String(name, StandardCharsets.UTF_8);
  }

  private static int chars(int bytes) {
    return (bytes * 8 + 4) / 5;
  }

  private static String encode(byte[] bytes) {
    String padded = BASE32.encodeAsString(bytes).toLowerCase(Locale.ROOT);
    return padded.substring(0, chars(bytes.length));
  }

  /** Only the one spelling that {@link #sign} writes, apart from its case. */
  private static Optional<byte[]> decode(String token) {
    if (token.length() > MAX_CHARS) return Optional.empty();
    byte[] bytes = BASE32.decode(token);
    return Optional.of(bytes).filter(b -> encode(b).equals(token.toLowerCase(Locale.ROOT)));
  }
}
