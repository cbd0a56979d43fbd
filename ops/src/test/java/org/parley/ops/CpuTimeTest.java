package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuTimeTest {
  @TempDir Path proc;

  @Test
  void aFamilyCountsItsLivingAndItsEndedChildren() throws IOException {
    process(10, "postgres", 1, 5, 6, 100, 200);
    process(11, "postgres: writer (x) y", 10, 7, 8, 0, 0);
    process(12, "other", 1, 1_000, 1_000, 0, 0);
    CpuTime cpu = new CpuTime(proc);
    assertThat(cpu.family(10)).contains((5 + 6 + 100 + 200 + 7 + 8) * 10_000L);
    assertThat(cpu.process(11)).contains(150_000L);
    assertThat(cpu.process(99)).isEmpty();
  }

  @Test
  void aPostmasterIsFoundByItsDirectoryAndByItsPort() throws IOException {
    Path data = Files.createDirectories(proc.resolve("data/pg"));
    Files.writeString(data.resolve("postmaster.pid"), "10\n" + data + "\n1700000000\n5544\n");
    process(10, "postgres", 1, 1, 1, 0, 0);
    Files.createSymbolicLink(proc.resolve("10/cwd"), data);
    CpuTime cpu = new CpuTime(proc);
    assertThat(cpu.postmasterBelow(proc.resolve("data")))
        .contains(new CpuTime.Postmaster(10, 5544));
    assertThat(cpu.postmasterOn(5544)).contains(new CpuTime.Postmaster(10, 5544));
    assertThat(cpu.postmasterOn(5432)).isEmpty();
  }

  private void process(
      long pid, String name, long parent, long user, long system, long endedUser, long endedSystem)
      throws IOException {
    Path directory = Files.createDirectories(proc.resolve(Long.toString(pid)));
    Files.writeString(
        directory.resolve("stat"),
        "%d (%s) S %d 1 1 0 -1 0 0 0 0 0 %d %d %d %d 20 0 1 0\n"
            .formatted(pid, name, parent, user, system, endedUser, endedSystem));
  }
}
