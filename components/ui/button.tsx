import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./cn.ts";

export const buttonStyles = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md font-medium transition-colors disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55 [&_svg]:size-4 [&_svg]:shrink-0",
  {
    variants: {
      variant: {
        primary: "bg-ink text-background hover:bg-ink/85",
        secondary: "border border-control/60 bg-raised text-ink hover:bg-hover",
        ghost: "text-ink hover:bg-hover",
        danger: "bg-critical-fill text-white hover:bg-critical-fill/90",
        link: "link h-auto! px-0! font-normal",
      },
      size: {
        sm: "h-7 px-2 text-xs",
        md: "h-8 px-3 text-sm",
        lg: "h-10 px-4 text-sm",
        icon: "size-8 text-sm",
        "icon-sm": "size-7 text-xs",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof buttonStyles> & {
    asChild?: boolean;
    /** Work is under way: the button keeps its place and focus, ignores clicks and says so. */
    pending?: boolean;
  };

/** A button; `type` is "button" unless told otherwise, so that none submits by accident. */
export function Button({ className, variant, size, asChild, pending, onClick, children, ...props }: ButtonProps) {
  const styles = cn(buttonStyles({ variant, size }), pending && "animate-pulse", className);
  if (asChild) {
    return (
      <Slot.Root className={styles} onClick={onClick} {...props}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      className={styles}
      aria-disabled={pending || undefined}
      aria-busy={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
      {...props}
    >
      {children}
    </button>
  );
}
