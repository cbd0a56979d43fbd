package org.parley.persistence.store;

import com.typesafe.config.Config;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.apache.pekko.actor.typed.ActorSystem;
import org.parley.core.spi.AddressBook;
import org.parley.core.spi.ApiKeyStore;
import org.parley.core.spi.AudienceStore;
import org.parley.core.spi.CarrierOrderStore;
import org.parley.core.spi.DueWorkStore;
import org.parley.core.spi.EpochStore;
import org.parley.core.spi.IdempotencyStore;
import org.parley.core.spi.JournalHead;
import org.parley.core.spi.Reports;
import org.parley.core.spi.RunStore;
import org.parley.core.spi.SecretStore;
import org.parley.core.spi.Stores;
import org.parley.core.spi.SubmissionStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All stores on one PostgreSQL, with the threads they need and the tidying up they ask for. */
public final class PostgresStores implements Stores, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresStores.class);
  private static final int PING_SECONDS = 5;
  private static final int IMPORT_MILLIS = 15 * 60 * 1_000;

  private final RequestPool pool;
  private final ExecutorService copiers;
  private final ScheduledThreadPoolExecutor housekeeping;
  private final AtomicBoolean sweepAsked = new AtomicBoolean();
  private final Audiences audiences;
  private final AudienceRuns runs;
  private final DueWork dueWork;
  private final JournalReports reports;
  private final IdempotencyKeys idempotency;
  private final ApiKeys apiKeys;
  private final Secrets secrets;
  private final Epochs epochs;
  private final Submissions submissions;
  private final CarrierOrders carrierOrders;
  private final Addresses addresses;
  private final JournalHead journal;

  private interface Chore {
    int run() throws SQLException;
  }

  /**
   * Checks the settings without starting anything.
   *
   * @throws com.typesafe.config.ConfigException when one is out of bounds
   */
  public static void check(Config root) {
    StoreSettings unused = StoreSettings.of(root);
  }

  /**
   * Starts the stores on a database whose schema is in place.
   *
   * @param requests connections that a request waits for some seconds at most
   */
  public static PostgresStores start(
      ActorSystem<?> system, DataSource requests, JournalHead journal) {
    return new PostgresStores(requests, journal, StoreSettings.of(system.settings().config()));
  }

  /** For imports: the statement that sorts millions of members takes longer than a request may. */
  private static Connection patient(DataSource requests) throws SQLException {
    Connection connection = requests.getConnection();
    try {
      connection.setNetworkTimeout(Runnable::run, IMPORT_MILLIS);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  PostgresStores(DataSource requests, JournalHead journal, StoreSettings settings) {
    this.journal = journal;
    pool = new RequestPool(requests, settings);
    copiers = Executors.newFixedThreadPool(settings.maxImports(), PostgresStores::copierThread);
    housekeeping = new ScheduledThreadPoolExecutor(1, PostgresStores::housekeepingThread);
    audiences = new Audiences(pool, () -> patient(requests), copiers, settings, this::sweepSoon);
    runs = new AudienceRuns(pool);
    dueWork = new DueWork(pool);
    reports = new JournalReports(pool);
    idempotency = new IdempotencyKeys(pool, requests, settings);
    apiKeys = new ApiKeys(pool, settings);
    secrets = new Secrets(pool);
    epochs = new Epochs(pool);
    submissions = new Submissions(pool, requests, settings);
    carrierOrders = new CarrierOrders(pool);
    addresses = new Addresses(pool);
    every(settings.importSweepInterval(), "sweep of imports", audiences::sweep);
    every(settings.idempotencyPurgeInterval(), "purge of keys", idempotency::purge);
    every(settings.submissionPurgeInterval(), "purge of submissions", submissions::purge);
  }

  private static Thread copierThread(Runnable task) {
    return daemon(task, "parley-import");
  }

  private static Thread housekeepingThread(Runnable task) {
    return daemon(task, "parley-stores-housekeeping");
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  private void every(Duration interval, String what, Chore chore) {
    long millis = interval.toMillis();
    var unused =
        housekeeping.scheduleWithFixedDelay(
            () -> attempt(what, chore), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** At most one asked-for sweep waits at a time. */
  private void sweepSoon() {
    if (!sweepAsked.compareAndSet(false, true)) return;
    try {
      housekeeping.execute(
          () -> {
            sweepAsked.set(false);
            attempt("sweep of imports", audiences::sweep);
          });
    } catch (RejectedExecutionException e) {
      log.debug("The next start sweeps what this import has left behind");
    }
  }

  private static void attempt(String what, Chore chore) {
    try {
      int done = chore.run();
      if (done > 0) log.info("The {} removed {}", what, done);
    } catch (SQLException | RuntimeException e) {
      log.warn("The {} failed and will be tried again: {}", what, e.getMessage());
    }
  }

  @Override
  public AudienceStore audiences() {
    return audiences;
  }

  @Override
  public RunStore runs() {
    return runs;
  }

  @Override
  public DueWorkStore dueWork() {
    return dueWork;
  }

  @Override
  public Reports reports() {
    return reports;
  }

  @Override
  public IdempotencyStore idempotency() {
    return idempotency;
  }

  @Override
  public ApiKeyStore apiKeys() {
    return apiKeys;
  }

  @Override
  public SecretStore secrets() {
    return secrets;
  }

  @Override
  public EpochStore epochs() {
    return epochs;
  }

  @Override
  public SubmissionStore submissions() {
    return submissions;
  }

  @Override
  public CarrierOrderStore carrierOrders() {
    return carrierOrders;
  }

  @Override
  public AddressBook addresses() {
    return addresses;
  }

  @Override
  public JournalHead journal() {
    return journal;
  }

  @Override
  public CompletionStage<Void> ping() {
    return pool.query(
            c -> {
              try (PreparedStatement select = c.prepareStatement("SELECT 1")) {
                select.setQueryTimeout(PING_SECONDS);
                try (ResultSet rows = select.executeQuery()) {
                  return rows.next();
                }
              }
            })
        .thenAccept(answered -> {});
  }

  /** Ends the threads; the connections are their owner's to close. */
  @Override
  public void close() {
    housekeeping.shutdownNow();
    submissions.close();
    pool.close();
    copiers.shutdown();
  }
}
