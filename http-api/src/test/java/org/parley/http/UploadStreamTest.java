package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed uploads of more than one member, however few bytes come from the socket at a time. */
class UploadStreamTest {
  private static final HttpSettings.Imports LIMITS =
      HttpSettings.from(ConfigFactory.load()).imports();
  private static final String FIRST = "customerId\nc-1\n";
  private static final String SECOND = "c-2\nc-3\n";

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 100_000})
  void wholeMembersAreReadOneAfterTheOther(int atATime) throws IOException {
    UploadStream upload = upload(joined(gzip(FIRST), gzip(SECOND)), atATime);

    assertThat(new String(upload.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo(FIRST + SECOND);
    assertThat(upload.fault()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 100_000})
  void aDamagedSecondMemberIsNotTakenForTheEnd(int atATime) throws IOException {
    for (int place : new int[] {0, 1, 2}) {
      byte[] damaged = gzip(SECOND);
      damaged[place] ^= 1;
      assertRefused(joined(gzip(FIRST), damaged), atATime);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 10, 100_000})
  void aSecondMemberThatEndsBeforeItsEndIsRefusedWhereverItDoes(int atATime) throws IOException {
    byte[] second = gzip(SECOND);
    for (int length = 1; length < second.length; length++) {
      assertRefused(joined(gzip(FIRST), Arrays.copyOf(second, length)), atATime);
    }
  }

  private static void assertRefused(byte[] packed, int atATime) {
    UploadStream upload = upload(packed, atATime);
    assertThatThrownBy(upload::readAllBytes).isInstanceOf(IOException.class);
    assertThat(upload.fault()).map(Fault::code).contains("invalidGzip");
  }

  private static UploadStream upload(byte[] packed, int atATime) {
    InputStream socket =
        new ByteArrayInputStream(packed) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, atATime));
          }
        };
    return new UploadStream(socket, true, LIMITS);
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] gzip(String content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }
}
