package org.parley.agents.email.inbound;

import jakarta.mail.FetchProfile;
import jakarta.mail.Flags;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.UIDFolder;
import jakarta.mail.search.FlagTerm;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.angus.mail.imap.IMAPFolder;
import org.eclipse.angus.mail.imap.IMAPMessage;
import org.jspecify.annotations.Nullable;

/**
 * A folder of a mailbox (RFC 9051) whose mails are taken one after the other. A mail is marked,
 * moved or deleted only when what it says is durable, or when it can never be taken. One thread
 * looks; any may close.
 */
final class Mailbox implements AutoCloseable {
  /** When so many in a row are not taken, the engine is in trouble and not the mails. */
  private static final int FAILURES_IN_A_ROW = 3;

  private static final int REMEMBERED_FAILURES = 1000;

  private final InboundSettings settings;
  private final ImapSettings own;
  private final Intake intake;
  private final InboundMetrics metrics;
  private final Set<Long> failedUids = new LinkedHashSet<>();
  private volatile @Nullable Store store;
  private @Nullable IMAPFolder folder;

  Mailbox(InboundSettings settings, ImapSettings own, Intake intake, InboundMetrics metrics) {
    this.settings = settings;
    this.own = own;
    this.intake = intake;
    this.metrics = metrics;
  }

  /**
   * Takes what is there, at most a batch.
   *
   * @return false when there is more to be taken at once
   */
  boolean look() throws MessagingException, InterruptedException {
    IMAPFolder inbox = connected();
    Message[] waiting = inbox.search(new FlagTerm(new Flags(notYet()), false));
    List<IMAPMessage> batch = batch(inbox, waiting);
    int failuresInARow = 0;
    int taken = 0;
    int kept = 0;
    for (IMAPMessage message : batch) {
      long uid = inbox.getUID(message);
      Fate fate = take(inbox, message);
      if (fate == Fate.DONE) {
        failuresInARow = 0;
        failedUids.remove(uid);
        taken++;
        finish(inbox, message);
      } else {
        remember(uid);
        if (fate == Fate.NOT_HANDED_OUT) kept++;
        if (++failuresInARow >= FAILURES_IN_A_ROW) break;
      }
    }
    if (taken == 0 && kept >= FAILURES_IN_A_ROW) {
      // Perhaps it is the session and not the mails.
      throw new MessagingException("no mail is handed out");
    }
    if (taken > 0 && !own.then().equals("seen")) inbox.expunge();
    return taken == 0 || waiting.length <= batch.size();
  }

  /** The flag that a mail has once it is done with. */
  private Flags.Flag notYet() {
    return own.then().equals("seen") ? Flags.Flag.SEEN : Flags.Flag.DELETED;
  }

  /** The oldest, those that failed before behind all others. */
  private List<IMAPMessage> batch(IMAPFolder inbox, Message[] waiting) throws MessagingException {
    List<Message> fresh = new ArrayList<>();
    List<Message> failed = new ArrayList<>();
    FetchProfile uids = new FetchProfile();
    uids.add(UIDFolder.FetchProfileItem.UID);
    inbox.fetch(waiting, uids);
    Arrays.sort(waiting, Comparator.comparingInt(Message::getMessageNumber));
    for (Message message : waiting) {
      (failedUids.contains(inbox.getUID(message)) ? failed : fresh).add(message);
    }
    fresh.addAll(failed);
    return fresh.stream().limit(own.batch()).map(IMAPMessage.class::cast).toList();
  }

  private enum Fate {
    DONE,
    PUT_OFF,
    NOT_HANDED_OUT
  }

  private Fate take(IMAPFolder inbox, IMAPMessage message)
      throws MessagingException, InterruptedException {
    try {
      var unused =
          intake
              .take(beginning(message), envelopeFrom(message), List.of())
              .toCompletableFuture()
              .get(settings.answerTimeout().toMillis(), TimeUnit.MILLISECONDS);
      return Fate.DONE;
    } catch (BadMail e) {
      metrics.odd(e.word());
      return Fate.DONE;
    } catch (ExecutionException | TimeoutException e) {
      metrics.odd("putOff");
      return Fate.PUT_OFF;
    } catch (MessagingException e) {
      if (!inbox.isOpen()) throw e;
      // It must not stand before all others.
      metrics.odd("notHandedOut");
      return Fate.NOT_HANDED_OUT;
    }
  }

  /** What the delivering server wrote down; without it a bounce is known by its report alone. */
  private static String envelopeFrom(IMAPMessage message) throws MessagingException {
    String[] path = message.getHeader("Return-Path");
    if (path == null || path.length == 0) return "unknown";
    return path[0].strip().equals("<>") ? "" : Names.address(path[0]).orElse("unknown");
  }

  private byte[] beginning(IMAPMessage message) throws MessagingException {
    try (InputStream in = message.getMimeStream()) {
      byte[] octets = in.readNBytes(settings.keptOctets());
      // The library reads NO as a mail without content, which would be taken and marked.
      if (octets.length == 0) throw new MessagingException("the mail has no content");
      return octets;
    } catch (IOException e) {
      throw new MessagingException("the mail could not be read", e);
    }
  }

  private void finish(IMAPFolder inbox, IMAPMessage message) throws MessagingException {
    if (own.then().equals("move")) {
      Folder target = inbox.getStore().getFolder(own.moveTo());
      if (!target.exists()) target.create(Folder.HOLDS_MESSAGES);
      inbox.copyMessages(new Message[] {message}, target);
    }
    message.setFlag(notYet(), true);
  }

  private void remember(long uid) {
    failedUids.add(uid);
    if (failedUids.size() > REMEMBERED_FAILURES) failedUids.remove(failedUids.iterator().next());
  }

  private IMAPFolder connected() throws MessagingException {
    IMAPFolder open = folder;
    if (open != null && open.isOpen()) {
      open.getMessageCount(); // asks the server for what is new
      return open;
    }
    String protocol = own.tls().equals("implicit") ? "imaps" : "imap";
    Store fresh = Session.getInstance(properties(protocol)).getStore(protocol);
    store = fresh;
    fresh.connect(own.host(), own.port(), own.username(), own.password());
    IMAPFolder opened = (IMAPFolder) fresh.getFolder(own.folder());
    opened.open(Folder.READ_WRITE);
    folder = opened;
    return opened;
  }

  private Properties properties(String protocol) {
    String millis = Long.toString(own.timeout().toMillis());
    Properties properties = new Properties();
    String prefix = "mail." + protocol + '.';
    properties.setProperty(prefix + "connectiontimeout", millis);
    properties.setProperty(prefix + "timeout", millis);
    properties.setProperty(prefix + "writetimeout", millis);
    properties.setProperty(prefix + "peek", "true"); // reading must not mark it as read
    properties.setProperty(prefix + "partialfetch", "true");
    properties.setProperty(prefix + "starttls.enable", Boolean.toString(isStartTls()));
    properties.setProperty(prefix + "starttls.required", Boolean.toString(isStartTls()));
    properties.setProperty(prefix + "ssl.checkserveridentity", Boolean.toString(own.tlsVerify()));
    if (!own.tlsVerify()) properties.setProperty(prefix + "ssl.trust", "*");
    return properties;
  }

  private boolean isStartTls() {
    return own.tls().equals("starttls");
  }

  @Override
  public void close() {
    Store open = store;
    if (open == null) return;
    try {
      open.close();
    } catch (MessagingException | RuntimeException e) {
      metrics.count("closeFailed");
    }
  }
}
