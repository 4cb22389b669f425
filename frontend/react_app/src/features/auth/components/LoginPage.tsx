import { useEffect } from "react";

import { LoginForm } from "./LoginForm";
import styles from "./login.module.css";

export function LoginPage({ onDone }: { onDone: () => void }) {
  useEffect(() => {
    document.title = "Log in · TITAN";
  }, []);
  return (
    <main className={styles.room}>
      <div className={styles.panel}>
        <h1 className={styles.name}>TITAN</h1>
        <p className={styles.lead}>Pairs that really are cointegrated, and how sure that is.</p>
        <LoginForm onDone={onDone} />
        <p className={styles.hint}>The demo account&rsquo;s name and password are printed where TITAN was started.</p>
      </div>
    </main>
  );
}
