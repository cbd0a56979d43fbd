package org.parley.agents.sms;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jsmpp.DefaultPDUSender;
import org.jsmpp.SMPPConstant;
import org.jsmpp.SynchronizedPDUSender;

/**
 * Lets a deliver_sm be answered later. The library answers as soon as its listener returns; here
 * that answer waits for the stage that the listener left, and is written by the link's thread.
 */
final class LateAnswers extends SynchronizedPDUSender {
  private final Map<Integer, CompletionStage<Integer>> stages = new ConcurrentHashMap<>();
  private final Executor writer;

  LateAnswers(Executor writer) {
    super(new DefaultPDUSender());
    this.writer = writer;
  }

  /** The answer to the deliver_sm with this number is the stage's command_status. */
  void later(int sequence, CompletionStage<Integer> status) {
    stages.put(sequence, status);
  }

  @Override
  public byte[] sendDeliverSmResp(OutputStream out, int status, int sequence, String messageId)
      throws IOException {
    CompletionStage<Integer> stage = stages.remove(sequence);
    if (stage == null) return super.sendDeliverSmResp(out, status, sequence, messageId);
    var unused =
        stage.whenComplete(
            (taken, failure) ->
                writer.execute(
                    () ->
                        answer(
                            out,
                            failure == null ? taken : SMPPConstant.STAT_ESME_RX_T_APPN,
                            sequence)));
    return new byte[0];
  }

  private void answer(OutputStream out, int status, int sequence) {
    try {
      super.sendDeliverSmResp(out, status, sequence, null);
    } catch (IOException e) {
      // The connection is gone; the carrier has no answer and comes again.
    }
  }
}
