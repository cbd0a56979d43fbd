package org.parley.agents.phone.rtp;

/** The two codecs of the telephone network (ITU-T G.711): 8000 samples a second, an octet each. */
public final class G711 {
  private static final int MU_BIAS = 0x84;
  private static final int MU_CLIP = 32_635;
  private static final byte[] MU = new byte[1 << 16];
  private static final byte[] A = new byte[1 << 16];

  static {
    for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
      MU[sample & 0xffff] = mu(sample);
      A[sample & 0xffff] = a(sample);
    }
  }

  /** A sample of silence in PCMU and in PCMA. */
  public static final byte MU_SILENCE = MU[0];

  public static final byte A_SILENCE = A[0];

  private G711() {}

  /** As PCMU (RFC 3551, payload type 0). */
  public static byte[] mu(short[] samples) {
    return coded(samples, MU);
  }

  /** As PCMA (RFC 3551, payload type 8). */
  public static byte[] a(short[] samples) {
    return coded(samples, A);
  }

  private static byte[] coded(short[] samples, byte[] table) {
    byte[] out = new byte[samples.length];
    for (int i = 0; i < samples.length; i++) out[i] = table[samples[i] & 0xffff];
    return out;
  }

  private static byte mu(int sample) {
    int sign = sample < 0 ? 0x80 : 0;
    int magnitude = Math.min(Math.abs(sample), MU_CLIP) + MU_BIAS;
    int exponent = 24 - Integer.numberOfLeadingZeros(magnitude);
    int mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    return (byte) ~(sign | exponent << 4 | mantissa);
  }

  private static byte a(int sample) {
    int sign = sample < 0 ? 0 : 0x80;
    int magnitude = Math.min(sample < 0 ? ~sample : sample, 32_767) >> 4;
    int coded = magnitude;
    if (magnitude >= 16) {
      int exponent = 28 - Integer.numberOfLeadingZeros(magnitude);
      coded = exponent << 4 | ((magnitude >> (exponent - 1)) & 0x0f);
    }
    return (byte) ((sign | coded) ^ 0x55);
  }
}
