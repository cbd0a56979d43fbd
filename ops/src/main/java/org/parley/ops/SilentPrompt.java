package org.parley.ops;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A recording of silence: a WAV file of 16-bit PCM, one channel, 8000 samples a second. */
final class SilentPrompt {
  private static final int SAMPLES_PER_SECOND = 8_000;
  private static final int OCTETS_PER_SAMPLE = 2;
  private static final int HEADER_OCTETS = 44;
  private static final int FORMAT_OCTETS = 16;

  private SilentPrompt() {}

  static void write(Path file, int millis) throws IOException {
    int data = SAMPLES_PER_SECOND / 1_000 * millis * OCTETS_PER_SAMPLE;
    ByteBuffer wav = ByteBuffer.allocate(HEADER_OCTETS + data).order(ByteOrder.LITTLE_ENDIAN);
    wav.put(ascii("RIFF")).putInt(HEADER_OCTETS - 8 + data).put(ascii("WAVE"));
    wav.put(ascii("fmt ")).putInt(FORMAT_OCTETS).putShort((short) 1).putShort((short) 1);
    wav.putInt(SAMPLES_PER_SECOND).putInt(SAMPLES_PER_SECOND * OCTETS_PER_SAMPLE);
    wav.putShort((short) OCTETS_PER_SAMPLE).putShort((short) (OCTETS_PER_SAMPLE * 8));
    wav.put(ascii("data")).putInt(data);
    Files.write(file, wav.array());
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
