package org.parley.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/** A file system in memory, which can be filled. It takes root. */
final class Disk implements AutoCloseable {
  private static final Duration FILLING = Pace.seconds(10);

  /** More than is written while it is made smaller. */
  private static final long ROOM_KB = 4 << 10;

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

  /** Makes it as small as what is in it but for a little, and takes that. */
  void fill() throws IOException {
    if (!isMounted()) throw new IOException("a file system cannot be mounted here");
    FileStore store = Files.getFileStore(place);
    Awaited.await(
        "a disk without much room",
        FILLING,
        () -> resize((store.getTotalSpace() - store.getUnallocatedSpace()) / 1024 + ROOM_KB));
    try (OutputStream out = Files.newOutputStream(filler())) {
      for (int i = 0; i < ROOM_KB; i++) out.write(new byte[1024]);
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) throw e;
    }
    Trial.note("the disk is full");
  }

  void empty() throws IOException {
    Files.deleteIfExists(filler());
    if (!resize(megabytes * 1024L)) throw new IOException(place + " cannot be made larger");
    Trial.note("the disk has room again");
  }

  private Path filler() {
    return place.resolve("filler");
  }

  /** It cannot be smaller than what is in it. */
  private boolean resize(long kilobytes) {
    return run("mount", "-o", "remount,size=" + kilobytes + 'k', place);
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
