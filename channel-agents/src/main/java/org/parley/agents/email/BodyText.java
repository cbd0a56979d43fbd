package org.parley.agents.email;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * The text of one body part, with every line ended by CRLF (RFC 5322, section 2.3), and what must
 * be known to choose its transfer encoding.
 */
final class BodyText {
  private static final int MAX_LINE_OCTETS = 998;
  private static final byte[] CRLF = {'\r', '\n'};

  /** How a body part stands on the wire (RFC 2045, section 6). */
  enum Encoding {
    SEVEN_BIT("7bit"),
    EIGHT_BIT("8bit"),
    QUOTED_PRINTABLE("quoted-printable"),
    BASE64("base64");

    private final String label;

    Encoding(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  private final byte[] bytes;
  private final int size;
  private int highOctets;
  private int longestLine;
  private boolean hasOddControls;

  private BodyText(byte[] bytes, int size) {
    this.bytes = bytes;
    this.size = size;
  }

  /** Ends every line with CRLF, whether it ended with CRLF, a bare LF or a lone CR. */
  static BodyText of(String text) {
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length + lineEnds(in) + CRLF.length];
    int size = 0;
    for (int i = 0; i < in.length; i++) {
      byte b = in[i];
      if (b != '\r' && b != '\n') {
        out[size++] = b;
        continue;
      }
      out[size++] = '\r';
      out[size++] = '\n';
      if (b == '\r' && i + 1 < in.length && in[i + 1] == '\n') i++;
    }
    if (size < CRLF.length || out[size - 1] != '\n') {
      out[size++] = '\r';
      out[size++] = '\n';
    }
    BodyText body = new BodyText(out, size);
    body.measure();
    return body;
  }

  private static int lineEnds(byte[] in) {
    int ends = 0;
    for (byte b : in) {
      if (b == '\n' || b == '\r') ends++;
    }
    return ends;
  }

  private void measure() {
    int lineStart = 0;
    for (int i = 0; i < size; i++) {
      byte b = bytes[i];
      if (b < 0) {
        highOctets++;
      } else if (b == '\n') {
        longestLine = Math.max(longestLine, i - 1 - lineStart);
        lineStart = i + 1;
      } else if (b < ' ' && b != '\t' && b != '\r') {
        hasOddControls = true;
      }
    }
  }

  boolean isAscii() {
    return highOctets == 0;
  }

  /** The plainest encoding that carries this text unchanged. */
  Encoding encoding(boolean eightBitAllowed) {
    boolean plainLines = longestLine <= MAX_LINE_OCTETS && !hasOddControls;
    if (plainLines && highOctets == 0) return Encoding.SEVEN_BIT;
    if (plainLines && eightBitAllowed) return Encoding.EIGHT_BIT;
    return highOctets > size / 6 ? Encoding.BASE64 : Encoding.QUOTED_PRINTABLE;
  }

  void writeTo(Octets out, Encoding encoding) {
    switch (encoding) {
      case SEVEN_BIT, EIGHT_BIT -> out.add(bytes, 0, size);
      case BASE64 ->
          out.add(Base64.getMimeEncoder(76, CRLF).encode(Arrays.copyOf(bytes, size))).add(CRLF);
      case QUOTED_PRINTABLE -> out.add(quotedPrintable());
    }
  }

  private byte[] quotedPrintable() {
    ByteArrayOutputStream out = new ByteArrayOutputStream(size + size / 4);
    try (OutputStream encoder = MimeUtility.encode(out, "quoted-printable")) {
      encoder.write(bytes, 0, size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (MessagingException e) {
      throw new IllegalStateException("Angus knows quoted-printable", e);
    }
    return out.toByteArray();
  }
}
