export { LoginForm } from "./components/LoginForm";
export { LoginPage } from "./components/LoginPage";
export { WelcomePage } from "./components/WelcomePage";
