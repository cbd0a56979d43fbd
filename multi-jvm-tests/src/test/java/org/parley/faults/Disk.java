package org.parley.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A small file system in memory, which can be filled. It takes root. */
final class Disk implements AutoCloseable {
  private final Path place;
  private final int megabytes;

  private Disk(Path place, int megabytes) {
    this.place = place;
    this.megabytes = megabytes;
  }

  /** Mounts one; whether it is there says {@link #isMounted}. */
  static Disk mount(Path place, int megabytes) throws IOException {
    Files.createDirectories(place);
    boolean mounted = run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", place);
    return new Disk(place, mounted ? megabytes : 0);
  }

  /** Whether it can be filled: otherwise it is a directory like any other. */
  boolean isMounted() {
    return megabytes > 0;
  }

  Path place() {
    return place;
  }

  private Path filler() {
    return place.resolve("filler");
  }

  /** Until there is no byte left. */
  void fill() throws IOException {
    if (!isMounted()) throw new IOException("a small file system cannot be mounted here");
    byte[] block = new byte[64 * 1024];
    try (OutputStream out = Files.newOutputStream(filler())) {
      for (int i = 0; i < megabytes * 16; i++) out.write(block);
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) throw e;
    }
    Trial.note("the disk is full");
  }

  void empty() throws IOException {
    Files.deleteIfExists(filler());
    Trial.note("the disk has room again");
  }

  @Override
  public void close() {
    if (isMounted() && !run("umount", place)) {
      throw new AssertionError(place + " cannot be unmounted");
    }
  }

  private static boolean run(Object... command) {
    try {
      Process process =
          new ProcessBuilder(Arrays.stream(command).map(Object::toString).toList())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
