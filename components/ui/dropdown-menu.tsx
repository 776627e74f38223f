"use client";
import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import { type ComponentProps, createContext, useContext, useState } from "react";
import { cn } from "./cn.ts";

const PlaceContext = createContext<HTMLElement | null>(null);

/**
 * Not modal: the page behind stays reachable, also for screen readers. It floats inside the dialog or page it belongs to, because a menu
 * outside of every landmark is missed by those who walk through landmarks.
 */
export function DropdownMenu({ onOpenChange, ...props }: ComponentProps<typeof Primitive.Root>) {
  const [place, setPlace] = useState<HTMLElement | null>(null);
  function follow(isOpen: boolean) {
    if (isOpen) setPlace(document.querySelector<HTMLElement>('[role="dialog"][data-state="open"]') ?? document.querySelector("main"));
    onOpenChange?.(isOpen);
  }
  return (
    <PlaceContext value={place}>
      <Primitive.Root modal={false} onOpenChange={follow} {...props} />
    </PlaceContext>
  );
}
export const DropdownMenuTrigger = Primitive.Trigger;
export const DropdownMenuRadioGroup = Primitive.RadioGroup;

const itemStyles =
  "flex cursor-pointer select-none items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none data-disabled:cursor-default data-highlighted:bg-hover data-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0";

export function DropdownMenuContent({ className, align = "start", ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal container={useContext(PlaceContext)}>
      <Primitive.Content
        align={align}
        sideOffset={4}
        collisionPadding={8}
        className={cn(
          "z-50 min-w-48 max-w-[min(22rem,calc(100vw-1rem))] animate-rise rounded-lg bg-raised p-1 shadow-float outline-none",
          className,
        )}
        {...props}
      />
    </Primitive.Portal>
  );
}

export function DropdownMenuItem({ className, danger = false, ...props }: ComponentProps<typeof Primitive.Item> & { danger?: boolean }) {
  return <Primitive.Item className={cn(itemStyles, danger && "text-critical", className)} {...props} />;
}

export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(itemStyles, "relative pe-8", className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute end-2">
        <Check aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn("px-2 py-1.5 font-medium text-muted text-xs", className)} {...props} />;
}

export function DropdownMenuSeparator() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-border" />;
}
