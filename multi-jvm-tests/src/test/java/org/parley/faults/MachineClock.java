package org.parley.faults;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The time of day of one process, which a test can step. It takes a C compiler, and a system that
 * lets a library stand before the C library's own.
 */
final class MachineClock {
  private final Path file;
  private final Map<String, String> environment;

  private MachineClock(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = environment;
  }

  /**
   * Makes one.
   *
   * @param name of the process
   */
  static MachineClock in(Path directory, String name) throws IOException {
    Path file = directory.resolve(name + ".clock");
    write(file, Duration.ZERO);
    Path library = directory.resolve("machine-clock.so");
    if (!Files.exists(library) && !compile(directory.resolve("machine-clock.c"), library)) {
      return new MachineClock(file, Map.of());
    }
    return new MachineClock(
        file, Map.of("LD_PRELOAD", library.toString(), "MACHINE_CLOCK_FILE", file.toString()));
  }

  /** What the process is to be started with. */
  Map<String, String> environment() {
    return environment;
  }

  /** Steps it so far ahead of this machine's; negative is behind. */
  void set(Duration ahead) throws IOException {
    if (environment.isEmpty()) throw new IOException("there is no C compiler here (cc)");
    write(file, ahead);
  }

  private static void write(Path file, Duration ahead) throws IOException {
    ByteBuffer seconds = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    seconds.putLong(ahead.toSeconds()).flip();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.write(seconds, 0);
    }
  }

  private static boolean compile(Path source, Path library) throws IOException {
    try (InputStream in = MachineClock.class.getResourceAsStream("/machine-clock.c")) {
      if (in == null) throw new IOException("machine-clock.c is not on the class path");
      if (!Files.exists(source)) Files.copy(in, source);
      Process cc =
          new ProcessBuilder(
                  List.of("cc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source + ""))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return cc.waitFor(60, TimeUnit.SECONDS) && cc.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException e) {
      return false;
    }
  }
}
