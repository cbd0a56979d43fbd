package org.parley.core.check;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;

/**
 * Makes and proves the tokens of unsubscribe links (RFC 8058). A token says who wants to leave,
 * which campaign brought them to it and over which channel, and carries a proof that Parley wrote
 * it: HMAC-SHA-256 (RFC 2104) cut to its first 128 bits. A token never expires, for people keep
 * mails, and two tokens for the same are the same. It is signed, not secret: who has a link can
 * read the customer's id in it. Thread-safe.
 *
 * <pre>
 * byte     meaning
 * 0        version, 1
 * 1        channel: 1 email, 2 sms, 3 phone
 * 2        length of the cell, 0 for the only cell; then the cell
 *          length of the tenant, 0 for the only tenant; then the tenant
 *          length of the campaign's id; then the id
 *          the customer's id in UTF-8
 * last 16  the proof, over all bytes before it
 * </pre>
 */
public final class UnsubscribeTokens {
  /** Who leaves, on account of what, and what they no longer want to get. */
  public record Claim(CustomerKey customer, String campaignId, Channel channel) {}

  private static final byte VERSION = 1;
  private static final int PROOF_BYTES = 16;
  private static final int MAX_CHARS = 1_400;
  private static final int MAX_NAME_BYTES = 255;
  private static final CustomerKey USUAL = CustomerKey.of("nobody");
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

  private final Proof proof;

  /**
   * @param secret 32 random bytes that all nodes share
   */
  public UnsubscribeTokens(byte[] secret) {
    proof = new Proof(secret, PROOF_BYTES);
  }

  /**
   * The token for a link, URL-safe as it is, about 90 characters for usual ids.
   *
   * @throws IllegalArgumentException when the campaign's id is longer than 255 bytes, or an id is
   *     no Unicode text and so would come back as another one
   */
  public String sign(CustomerKey customer, String campaignId, Channel channel) {
    byte[] cell = name(customer.cell(), USUAL.cell());
    byte[] tenant = name(customer.tenant(), USUAL.tenant());
    byte[] campaign = name(campaignId, "");
    byte[] id = utf8(customer.customerId());
    int length = 5 + cell.length + tenant.length + campaign.length + id.length;
    ByteBuffer token = ByteBuffer.allocate(length + PROOF_BYTES);
    token.put(VERSION).put(code(channel));
    token.put((byte) cell.length).put(cell);
    token.put((byte) tenant.length).put(tenant);
    token.put((byte) campaign.length).put(campaign);
    token.put(id);
    proof.sign(token.array());
    return ENCODER.encodeToString(token.array());
  }

  /** What a token says, if it was signed here; empty for anything else whatever. */
  public Optional<Claim> verify(String token) {
    return decode(token)
        .flatMap(proof::verify)
        .filter(ByteBuffer::hasRemaining)
        .flatMap(UnsubscribeTokens::read);
  }

  /** Only the one spelling that {@link #sign} writes: unused bits of the last character are 0. */
  private static Optional<byte[]> decode(String token) {
    if (token.length() > MAX_CHARS) return Optional.empty();
    try {
      byte[] bytes = DECODER.decode(token);
      return ENCODER.encodeToString(bytes).equals(token) ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Reads what has been proved to be ours; a later version's form is not understood here. */
  private static Optional<Claim> read(ByteBuffer token) {
    if (token.get() != VERSION) return Optional.empty();
    Channel channel = channel(token.get());
    String cell = name(token);
    String tenant = name(token);
    String campaign = name(token);
    String id = StandardCharsets.UTF_8.decode(token).toString();
    return Optional.of(
        new Claim(
            new CustomerKey(
                cell.isEmpty() ? USUAL.cell() : cell,
                tenant.isEmpty() ? USUAL.tenant() : tenant,
                id),
            campaign,
            channel));
  }

  private static byte[] name(String name, String usual) {
    byte[] bytes = name.equals(usual) ? new byte[0] : utf8(name);
    if (bytes.length > MAX_NAME_BYTES) {
      throw new IllegalArgumentException("longer than " + MAX_NAME_BYTES + " bytes: " + name);
    }
    return bytes;
  }

  private static byte[] utf8(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (new String(bytes, StandardCharsets.UTF_8).equals(text)) return bytes;
    throw new IllegalArgumentException("half of a surrogate pair in an id");
  }

  private static String name(ByteBuffer token) {
    byte[] name = new byte[token.get() & 0xff];
    token.get(name);
    return new String(name, StandardCharsets.UTF_8);
  }

  private static byte code(Channel channel) {
    return switch (channel) {
      case EMAIL -> 1;
      case SMS -> 2;
      case PHONE -> 3;
    };
  }

  private static Channel channel(byte code) {
    return switch (code) {
      case 1 -> Channel.EMAIL;
      case 2 -> Channel.SMS;
      case 3 -> Channel.PHONE;
      default -> throw new IllegalStateException("signed here, with an unknown channel: " + code);
    };
  }
}
