package org.parley.agents.phone;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads a WAV file of 16-bit PCM with one channel, and brings it to 8000 samples a second. */
final class WavFile {
  private static final int RATE = 8000;
  private static final int MAX_RATE = 48_000;
  private static final int RIFF = 0x46464952;
  private static final int WAVE = 0x45564157;
  private static final int FORMAT = 0x20746d66;
  private static final int DATA = 0x61746164;

  private WavFile() {}

  /**
   * The samples.
   *
   * @throws PromptTrouble that says in one sentence what is wrong with it
   */
  static short[] samples(String name, byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    if (file.length < 12 || in.getInt(0) != RIFF || in.getInt(8) != WAVE) {
      throw PromptTrouble.unusable(name + " is not a WAV file");
    }
    in.position(12);
    int rate = 0;
    while (in.remaining() >= 8) {
      int kind = in.getInt();
      long said = in.getInt() & 0xffffffffL;
      // A file that was written to a pipe does not know its size and says the largest.
      int size = (int) Math.min(said, in.remaining());
      int start = in.position();
      if (kind == FORMAT) {
        rate = rate(name, in, size);
      } else if (kind == DATA) {
        if (rate == 0) throw PromptTrouble.unusable(name + " has sound before its format");
        short[] samples = new short[size / 2];
        in.asShortBuffer().get(samples);
        if (samples.length == 0) throw PromptTrouble.unusable(name + " has no sound");
        return rate == RATE ? samples : resampled(samples, rate);
      }
      in.position((int) Math.min(in.limit(), start + (long) size + (size & 1)));
    }
    throw PromptTrouble.unusable(name + " has no sound");
  }

  private static int rate(String name, ByteBuffer in, int size) {
    if (size < 16) throw PromptTrouble.unusable(name + " has a format that is cut off");
    int start = in.position();
    int coding = in.getShort(start);
    int channels = in.getShort(start + 2);
    int rate = in.getInt(start + 4);
    int bits = in.getShort(start + 14);
    if (coding != 1 || channels != 1 || bits != 16 || rate < RATE || rate > MAX_RATE) {
      throw PromptTrouble.unusable(
          String.format(
              "%s has coding %d, %d channels, %d bits and %d samples a second; allowed is PCM"
                  + " (coding 1), 1 channel, 16 bits and 8000 to 48000 samples a second",
              name, coding, channels, bits, rate));
    }
    return rate;
  }

  /**
   * Each new sample is the mean of the old ones around it, which also takes away most of what is
   * too high for 8000 samples a second.
   */
  private static short[] resampled(short[] samples, int rate) {
    int count = (int) ((long) samples.length * RATE / rate);
    short[] out = new short[count];
    for (int i = 0; i < count; i++) {
      double from = (double) i * rate / RATE;
      double to = Math.min(samples.length, (double) (i + 1) * rate / RATE);
      double sum = 0;
      for (int j = (int) from; j < to; j++) {
        double share = Math.min(j + 1, to) - Math.max(j, from);
        sum += samples[j] * share;
      }
      out[i] = (short) Math.round(sum / (to - from));
    }
    return out;
  }
}
