package org.parley.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher in a copy of the repository's skeleton, on a path on which only fakes stand. */
class LauncherTest {
  private static final List<String> TOOLS =
      List.of(
          "bash",
          "cat",
          "cp",
          "dirname",
          "basename",
          "find",
          "flock",
          "grep",
          "head",
          "ls",
          "mkdir",
          "mv",
          "pwd",
          "readlink",
          "rm",
          "rmdir",
          "sed",
          "sleep",
          "touch",
          "tput");

  @TempDir Path temp;
  private Path home = Path.of("");
  private Path bin = Path.of("");

  @BeforeEach
  void makeRepository() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "the launcher is a bash script");
    home = Files.createDirectories(temp.resolve("with blanks/parley"));
    bin = Files.createDirectories(temp.resolve("bin"));
    Files.createDirectories(home.resolve("ops/bin"));
    Files.createDirectories(home.resolve("ops/src/main"));
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    Files.copy(Session.home().resolve("ops/bin/parley"), home.resolve("ops/bin/parley"));
    for (String tool : TOOLS) {
      for (String place : List.of("/bin/", "/usr/bin/")) {
        if (!Files.exists(Path.of(place + tool)) || Files.exists(bin.resolve(tool))) continue;
        script(tool, "exec " + place + tool + " \"$@\"\n");
      }
    }
  }

  @Test
  void withoutMavenOneSentenceSaysSo() throws Exception {
    java("17.0.9");
    Ran ran = run(home.resolve("ops/bin/parley"), "--help");
    assertThat(ran.status).isEqualTo(1);
    assertThat(ran.text).contains("no Maven (mvn) is on the path").hasLineCount(1);
  }

  @Test
  void anOldJavaIsRefusedInOneSentence() throws Exception {
    java("1.8.0_392");
    Ran ran = run(home.resolve("ops/bin/parley"), "--help");
    assertThat(ran.status).isEqualTo(1);
    assertThat(ran.text).contains("Java 17 or newer is needed", "1.8.0_392").hasLineCount(1);
  }

  @Test
  void withoutJavaOneSentenceSaysSo() throws Exception {
    Ran ran = run(home.resolve("ops/bin/parley"), "--help");
    assertThat(ran.status).isEqualTo(1);
    assertThat(ran.text).contains("no Java found").hasLineCount(1);
  }

  @Test
  void itBuildsOnceAndStartsTheCommandLineFromAnywhereThroughALink() throws Exception {
    java("17.0.9");
    maven(0);
    Path link = Files.createSymbolicLink(temp.resolve("a link"), home.resolve("ops/bin/parley"));
    Ran first = run(link, "campaign", "list", "two words");
    assertThat(first.status).isZero();
    assertThat(first.text).contains("Building Parley", "MAVEN RAN");
    assertThat(first.text)
        .contains("[org.parley.ops.Parley]", "[campaign]", "[list]", "[two words]")
        .contains("[-Dparley.home=" + home.toRealPath() + "]");
    Ran second = run(link, "--help");
    assertThat(second.text).doesNotContain("Building", "MAVEN RAN").contains("[--help]");
  }

  @Test
  void aNewerSourceIsBuiltAgain() throws Exception {
    java("17.0.9");
    maven(0);
    run(home.resolve("ops/bin/parley"), "--help");
    Path source = Files.writeString(home.resolve("ops/src/main/New.java"), "");
    Files.setLastModifiedTime(source, FileTime.fromMillis(System.currentTimeMillis() + 60_000));
    assertThat(run(home.resolve("ops/bin/parley"), "--help").text).contains("MAVEN RAN");
  }

  @Test
  void aNodeIsStartedByItsOwnMainWithParallelCollection() throws Exception {
    java("17.0.9");
    maven(0);
    Ran ran = run(home.resolve("ops/bin/parley"), "node", "--check-config");
    assertThat(ran.text)
        .contains("[-XX:+UseParallelGC]", "[-Xmx1g]", "[org.parley.node.Main]", "[--check-config]")
        .doesNotContain("[node]", "UseCompactObjectHeaders");
  }

  @Test
  void aClassPathThatIsBuiltAlreadyIsUsedAndNothingIsBuilt() throws Exception {
    java("17.0.9");
    Path ready = Files.writeString(temp.resolve("class path"), "/one.jar:/two words.jar\n");
    Map<String, String> environment = Map.of("PARLEY_CLASS_PATH", ready.toString());
    Ran ran = run(environment, home.resolve("ops/bin/parley"), "node", "--check-config");
    assertThat(ran.status).isZero();
    assertThat(ran.text)
        .contains("[-cp]", "[/one.jar:/two words.jar]", "[org.parley.node.Main]")
        .doesNotContain("Building");
  }

  @Test
  void aClassPathFileThatIsNotThereIsNamedInOneSentence() throws Exception {
    java("17.0.9");
    Map<String, String> environment = Map.of("PARLEY_CLASS_PATH", "/nowhere/class-path");
    Ran ran = run(environment, home.resolve("ops/bin/parley"), "node");
    assertThat(ran.status).isEqualTo(1);
    assertThat(ran.text).contains("PARLEY_CLASS_PATH", "/nowhere/class-path").hasLineCount(1);
  }

  @Test
  void aNewJavaUsesCompactHeaders() throws Exception {
    java("25");
    maven(0);
    assertThat(run(home.resolve("ops/bin/parley"), "node").text)
        .contains("[-XX:+UseCompactObjectHeaders]");
  }

  @Test
  void aFailedBuildShowsWhatMavenSaidAndStartsNothing() throws Exception {
    java("17.0.9");
    maven(1);
    Ran ran = run(home.resolve("ops/bin/parley"), "--help");
    assertThat(ran.status).isEqualTo(1);
    assertThat(ran.text)
        .contains("[ERROR] no such thing", "the build failed")
        .doesNotContain("[-cp]");
  }

  @Test
  void twoAtATimeBuildOnce() throws Exception {
    java("17.0.9");
    maven(0);
    Process one = start(home.resolve("ops/bin/parley"), "--help");
    Process two = start(home.resolve("ops/bin/parley"), "--help");
    String both = finish(one).text + finish(two).text;
    assertThat(both.split("MAVEN RAN", -1)).hasSize(2);
    assertThat(both.split("\\[--help\\]", -1)).hasSize(3);
  }

  /** A java that says its version, or writes its arguments down. */
  private void java(String version) throws IOException {
    script(
        "java",
        """
        if [ "$1" = -version ]; then echo 'openjdk version "%s" 2024-01-01' >&2; exit 0; fi
        for a in "$@"; do printf '[%%s]\\n' "$a"; done
        """
            .formatted(version));
    script("javac", "exit 0\n");
  }

  /** A mvn that makes what the launcher expects, or fails. */
  private void maven(int status) throws IOException {
    script(
        "mvn",
        """
        echo 'MAVEN RAN' >>"$PARLEY_TEST_LOG"
        echo '[ERROR] no such thing'
        mkdir -p ops/target
        echo jar >ops/target/ops-0.jar
        echo other >"$PARLEY_TEST_LOG.jar"
        printf '%%s' "$PARLEY_TEST_LOG.jar" >ops/target/runtime-class-path
        exit %d
        """
            .formatted(status));
  }

  private void script(String name, String body) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/bash\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private record Ran(int status, String text) {}

  private Ran run(Path launcher, String... arguments) throws Exception {
    return run(Map.of(), launcher, arguments);
  }

  private Ran run(Map<String, String> environment, Path launcher, String... arguments)
      throws Exception {
    Files.deleteIfExists(temp.resolve("maven.log"));
    return finish(start(environment, launcher, arguments));
  }

  private Process start(Path launcher, String... arguments) throws IOException {
    return start(Map.of(), launcher, arguments);
  }

  private Process start(Map<String, String> environment, Path launcher, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of("/bin/bash", launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("PATH", bin.toString());
    builder.environment().put("PARLEY_TEST_LOG", temp.resolve("maven.log").toString());
    builder.environment().putAll(environment);
    return builder.directory(temp.toFile()).redirectErrorStream(true).start();
  }

  private Ran finish(Process process) throws Exception {
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ended").isTrue();
    Path log = temp.resolve("maven.log");
    if (Files.exists(log)) {
      text += Files.readString(log);
      Files.delete(log);
    }
    return new Ran(process.exitValue(), text);
  }
}
