package org.parley.persistence.postgres;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL on 127.0.0.1 whose data stay in a directory. It listens only there, to a random
 * password that only the owner of the directory can read. It survives a killed JVM: the next start
 * in the same directory stops it first, so that nothing of the dead node can still commit. When the
 * server dies while it should run, it is started again.
 */
public final class EmbeddedServer implements AutoCloseable {
  /** The superuser of the server and the owner of its database. */
  public static final String USER = "parley";

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedServer.class);
  private static final int PORT_ATTEMPTS = 5;
  private static final long WATCH_MILLIS = 250;
  private static final int LOG_BYTES = 10 * 1024 * 1024;

  private final Settings settings;
  private final Path data;
  private final Path log;
  private final FileChannel lockFile;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread watch = new Thread(this::watch, "parley-postgres-watch");
  private Path home = Path.of("");
  private int port;

  /**
   * What a server needs to know.
   *
   * @param programs where PostgreSQL's programs are unpacked
   * @param port 0 for a free one
   * @param parameters settings by PostgreSQL's own names
   */
  public record Settings(
      Path directory,
      Path programs,
      int port,
      Duration startTimeout,
      Map<String, String> parameters) {
    public Settings {
      directory = directory.toAbsolutePath().normalize();
      programs = programs.toAbsolutePath().normalize();
      parameters = Map.copyOf(parameters);
    }
  }

  private EmbeddedServer(Settings settings, FileChannel lockFile) {
    this.settings = settings;
    this.lockFile = lockFile;
    this.data = settings.directory().resolve("data");
    this.log = settings.directory().resolve("postgres.log");
  }

  /**
   * Starts the server and waits until it answers.
   *
   * @throws DirectoryUnusable when the directory cannot be written, is taken or is not ours
   * @throws IOException when PostgreSQL cannot run here; the message says why
   */
  public static EmbeddedServer start(Settings settings) throws IOException {
    EmbeddedServer server = new EmbeddedServer(settings, lock(settings.directory()));
    try {
      server.home = Programs.unpack(settings.programs());
      server.initialize();
      server.stopForgotten();
      server.port = server.startOnPort();
      server.watch.setDaemon(true);
      server.watch.start();
      return server;
    } catch (IOException | RuntimeException e) {
      server.lockFile.close();
      throw e;
    }
  }

  /** The TCP port on 127.0.0.1. */
  public int port() {
    return port;
  }

  /** The password of {@link #USER}. */
  public String password() throws IOException {
    return Files.readString(passwordFile()).strip();
  }

  /** The process id of the postmaster, absent while it does not run. */
  public OptionalLong processId() {
    return postmaster().stream().mapToLong(ProcessHandle::pid).findFirst();
  }

  /** Stops the server, politely first. Its data stay. */
  @Override
  public void close() {
    closed.countDown();
    try {
      watch.join();
      stop("fast");
      if (!postmaster().isEmpty()) stop("immediate");
    } catch (IOException e) {
      LOG.warn("The embedded PostgreSQL did not stop: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      release();
    }
  }

  private void release() {
    try {
      lockFile.close();
    } catch (IOException e) {
      LOG.warn("The lock of the data directory was not released: {}", e.getMessage());
    }
  }

  private static FileChannel lock(Path directory) throws IOException {
    FileChannel channel;
    try {
      Directories.create(directory);
      channel =
          FileChannel.open(
              directory.resolve("lock"),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new DirectoryUnusable("The directory " + directory + " is not writable", e);
    }
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        String owner = Long.toString(ProcessHandle.current().pid());
        channel.truncate(0).write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.US_ASCII)), 0);
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      LOG.debug("The directory is taken by this very process", e);
    }
    String owner = Files.readString(directory.resolve("lock")).strip();
    channel.close();
    throw new DirectoryUnusable(
        "The directory " + directory + " is in use by another Parley node (process " + owner + ")");
  }

  private void initialize() throws IOException {
    String major = runOrThrow(List.of("postgres", "--version")).replaceAll("\\D*(\\d+).*", "$1");
    if (Files.exists(data)) {
      String found = Files.readString(data.resolve("PG_VERSION")).strip();
      if (!found.equals(major.strip())) {
        throw new DirectoryUnusable(
            String.format(
                "The directory %s was made by PostgreSQL %s and this Parley brings %s",
                settings.directory(), found, major.strip()));
      }
      return;
    }
    Path fresh = settings.directory().resolve("data.new");
    Directories.delete(fresh);
    writePassword();
    runOrThrow(
        List.of(
            "initdb",
            "--pgdata=" + fresh,
            "--username=" + USER,
            "--pwfile=" + passwordFile(),
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C"));
    Files.writeString(
        fresh.resolve("postgresql.conf"), "\ninclude 'parley.conf'\n", StandardOpenOption.APPEND);
    // Only a complete directory gets the name: a kill half-way leaves nothing that looks usable.
    Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
  }

  private Path passwordFile() {
    return settings.directory().resolve("password");
  }

  private void writePassword() throws IOException {
    Files.deleteIfExists(passwordFile());
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Files.createFile(
        passwordFile(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        passwordFile(), Base64.getUrlEncoder().withoutPadding().encodeToString(secret) + "\n");
  }

  /** Ends a server that a killed JVM left behind, and with it every session of that JVM. */
  private void stopForgotten() throws IOException {
    if (!postmaster().isEmpty()) {
      LOG.info("Stopping the embedded PostgreSQL that a killed node left behind");
      stop("fast");
      if (!postmaster().isEmpty()) stop("immediate");
    }
    dropStaleProcessFile();
  }

  /** A recycled process id would make PostgreSQL believe that it still runs. */
  private void dropStaleProcessFile() throws IOException {
    if (postmaster().isEmpty()) Files.deleteIfExists(processFile());
  }

  private int startOnPort() throws IOException {
    for (int attempt = 1; ; attempt++) {
      int candidate = settings.port() > 0 ? settings.port() : freePort();
      writeConfiguration(candidate);
      trimLog();
      Ran started = launch();
      if (started.ok()) return candidate;
      boolean taken = lastLog().contains("could not bind");
      if (taken && settings.port() > 0) {
        throw new IOException("its port " + settings.port() + " is taken");
      }
      if (!taken || attempt == PORT_ATTEMPTS) throw new IOException(reason(started));
    }
  }

  private Ran launch() throws IOException {
    return run(
        List.of(
            "pg_ctl",
            "--pgdata=" + data,
            "--log=" + log,
            "--wait",
            "--timeout=" + settings.startTimeout().toSeconds(),
            "start"));
  }

  private void writeConfiguration(int candidate) throws IOException {
    List<String> lines = new ArrayList<>();
    settings.parameters().forEach((name, value) -> lines.add(name + " = '" + quoted(value) + "'"));
    lines.addAll(
        List.of(
            "listen_addresses = '127.0.0.1'",
            "unix_socket_directories = ''",
            "port = " + candidate,
            "fsync = on",
            "synchronous_commit = on",
            "full_page_writes = on",
            "password_encryption = 'scram-sha-256'",
            // Statements and key values may name customers: they stay out of the log.
            "log_min_messages = log",
            "log_min_error_statement = panic",
            "log_error_verbosity = terse",
            "log_statement = none",
            "log_checkpoints = off"));
    Files.write(data.resolve("parley.conf"), lines);
  }

  private static String quoted(String value) {
    return value.replace("'", "''").replaceAll("[\\r\\n]", " ");
  }

  private void trimLog() throws IOException {
    if (Files.exists(log) && Files.size(log) > LOG_BYTES) Files.delete(log);
  }

  private void stop(String mode) throws IOException {
    if (postmaster().isEmpty()) return;
    run(
        List.of(
            "pg_ctl",
            "--pgdata=" + data,
            "--mode=" + mode,
            "--wait",
            "--timeout=" + settings.startTimeout().toSeconds(),
            "stop"));
  }

  private void watch() {
    try {
      while (!closed.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
        if (postmaster().isEmpty()) restart();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void restart() throws InterruptedException {
    LOG.warn("The embedded PostgreSQL has died; starting it again");
    while (!closed.await(0, TimeUnit.MILLISECONDS)) {
      try {
        dropStaleProcessFile();
        Ran started = launch();
        if (started.ok()) {
          LOG.info("The embedded PostgreSQL is back");
          return;
        }
        // Its children may need a moment to notice that the postmaster is gone.
        LOG.debug("The embedded PostgreSQL does not start yet: {}", reason(started));
      } catch (IOException e) {
        LOG.warn("The embedded PostgreSQL does not start: {}", e.getMessage());
      }
      if (closed.await(WATCH_MILLIS, TimeUnit.MILLISECONDS)) return;
    }
  }

  private Path processFile() {
    return data.resolve("postmaster.pid");
  }

  /** The running postmaster of this very directory; a zombie or a stranger does not count. */
  private List<ProcessHandle> postmaster() {
    try {
      List<String> lines = Files.readAllLines(processFile());
      if (lines.size() < 2) return List.of();
      return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
          .filter(p -> p.info().command().filter(c -> c.endsWith("postgres")).isPresent())
          .filter(p -> isOurs(p, lines.get(1)))
          .stream()
          .toList();
    } catch (IOException | NumberFormatException e) {
      return List.of();
    }
  }

  private boolean isOurs(ProcessHandle process, String directory) {
    boolean sameDirectory = Path.of(directory.strip()).equals(data.toAbsolutePath());
    return sameDirectory
        && process.info().arguments().map(Arrays::asList).orElse(List.of()).stream()
            .anyMatch(a -> a.endsWith(data.toString()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private record Ran(boolean ok, String output) {}

  private String runOrThrow(List<String> command) throws IOException {
    Ran ran = run(command);
    if (!ran.ok()) throw new IOException(reason(ran));
    return ran.output();
  }

  private Ran run(List<String> command) throws IOException {
    List<String> line = new ArrayList<>();
    // PostgreSQL refuses to run as root; in a user namespace of its own it is not.
    if (LinuxUtils.isUnshareAvailable()) line.addAll(List.of("unshare", "-U"));
    line.add(home.resolve("bin").resolve(command.get(0)).toString());
    line.addAll(command.subList(1, command.size()));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return new Ran(process.waitFor() == 0, output);
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("the start was interrupted", e);
    }
  }

  private String reason(Ran ran) throws IOException {
    String text = ran.output() + "\n" + lastLog();
    String root = "as root it needs `unshare -U`, which this system does not allow";
    if (text.contains("\"root\" execution") || text.contains("run as root")) return root;
    return text.lines()
        .filter(l -> l.contains("FATAL") || l.contains("error") || l.contains("PANIC"))
        .reduce((first, second) -> second)
        .orElse(ran.output().lines().reduce((first, second) -> second).orElse("it said nothing"))
        .strip();
  }

  private String lastLog() throws IOException {
    if (!Files.exists(log)) return "";
    List<String> lines = Files.readAllLines(log, StandardCharsets.ISO_8859_1);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
  }
}
