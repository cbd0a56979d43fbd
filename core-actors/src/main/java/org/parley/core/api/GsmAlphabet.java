package org.parley.core.api;

import java.util.Arrays;

/**
 * The default alphabet of text messages and its extension table (3GPP TS 23.038, sections 6.2.1 and
 * 6.2.1.1), one septet in an octet, as SMPP carries it.
 */
public final class GsmAlphabet {
  /** What no table has. */
  public static final int NOT_IN_ALPHABET = 0;

  private static final int ESCAPE = 0x1b;
  private static final String BASIC =
      "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
          + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
  private static final String EXTENSION_CHARACTERS = "\f^{}\\[~]|€";
  private static final byte[] EXTENSION_CODES = {
    0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65
  };

  /** For each character up to the Euro sign: its septets, the escape above its code; or -1. */
  private static final short[] CODES = codes();

  private GsmAlphabet() {}

  private static short[] codes() {
    short[] codes = new short['€' + 1];
    Arrays.fill(codes, (short) -1);
    for (int code = 0; code < BASIC.length(); code++) {
      if (code != ESCAPE) codes[BASIC.charAt(code)] = (short) code;
    }
    for (int i = 0; i < EXTENSION_CODES.length; i++) {
      codes[EXTENSION_CHARACTERS.charAt(i)] = (short) (ESCAPE << 8 | EXTENSION_CODES[i]);
    }
    return codes;
  }

  /** How many septets a character takes: 1, 2 with the extension table, or 0 when it has none. */
  public static int septets(char character) {
    if (character >= CODES.length || CODES[character] < 0) return NOT_IN_ALPHABET;
    return CODES[character] > 0xff ? 2 : 1;
  }

  /**
   * The septets of a text, each in an octet.
   *
   * @throws IllegalArgumentException when a character is not in the alphabet
   */
  public static byte[] encode(String text) {
    byte[] out = new byte[2 * text.length()];
    int size = 0;
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      int septets = septets(character);
      if (septets == NOT_IN_ALPHABET) {
        throw new IllegalArgumentException("a character that the GSM alphabet does not have");
      }
      if (septets == 2) out[size++] = ESCAPE;
      out[size++] = (byte) CODES[character];
    }
    return Arrays.copyOf(out, size);
  }

  /** The text of septets; those that mean nothing become spaces, as the standard asks. */
  public static String decode(byte[] septets) {
    StringBuilder text = new StringBuilder(septets.length);
    for (int i = 0; i < septets.length; i++) {
      int code = septets[i] & 0x7f;
      if (code != ESCAPE) {
        text.append(BASIC.charAt(code));
      } else if (++i < septets.length) {
        text.append(extension(septets[i] & 0x7f));
      } else {
        text.append(' ');
      }
    }
    return text.toString();
  }

  private static char extension(int code) {
    int at = Arrays.binarySearch(EXTENSION_CODES, (byte) code);
    // A code that the table leaves free is read from the basic table (section 6.2.1.1).
    if (at < 0) return code == ESCAPE ? ' ' : BASIC.charAt(code);
    return EXTENSION_CHARACTERS.charAt(at);
  }
}
